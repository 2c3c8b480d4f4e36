//! The model, table by table. A row of what is permitted is a state, what went before, and a call; what it expects is
//! what the clauses say of that call. The rows are also what mutation testing holds the rules against
//! (`docs/mutation-testing.md`). One program, because a mutant that has to be linked once is told apart sooner.

#[cfg(test)]
mod account;
#[cfg(test)]
mod attribution;
mod bodies;
#[cfg(test)]
mod deactivate;
#[cfg(test)]
mod enable;
#[cfg(test)]
mod form;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod limit;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod members;
#[cfg(test)]
mod request;
#[cfg(test)]
mod resync;
#[cfg(test)]
mod service;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod state;
#[cfg(test)]
mod support;
