//! Closed forms of queueing theory: numbers in, numbers out.
