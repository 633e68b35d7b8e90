//! The engine on systems built by hand: exact instants, every fault's meaning, and the accounts.

mod brokers;
mod build;
mod calls;
mod causes;
mod fans;
mod faults;
mod losses;
mod messages;
mod outbox;
mod posts;
mod replies;
mod sagas;
mod wirings;
