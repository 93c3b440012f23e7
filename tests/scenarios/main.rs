//! One tiny scenario for each thing that the world has to be able to carry.

mod access_logs;
mod connections;
mod datagrams;
mod forward_proxy;
mod health;
mod layer4;
mod links;
mod membership;
mod mirror;
mod multiplexing;
mod names;
mod pins;
mod pooling;
mod reports;
mod stages;
mod sticky;
mod strangers;
mod wrong_input;
