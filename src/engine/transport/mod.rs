//! How one step reaches another: by a call, or through a channel of a broker. Only here is a `Link` looked at.

mod call;
mod channel;
mod deadline;
mod dedup;
mod delivery;
mod fallback;
mod fan;
mod group;
mod guard;
mod hedge;
mod outage;
mod outbox;
mod post;
mod redelivery;
mod reply;
