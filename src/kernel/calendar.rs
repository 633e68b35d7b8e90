//! Future events in total order.
