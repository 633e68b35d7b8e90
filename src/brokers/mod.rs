//! Brokers: how each kind stores and delivers.
