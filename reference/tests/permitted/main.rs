//! What is permitted, table by table. Each row is a world, what went before, and a call; what it expects is what the
//! clauses say of that call. The rows are also what mutation testing holds the rules against (`docs/mutation-testing.md`).

#[cfg(test)]
mod blame;
#[cfg(test)]
mod deactivate;
#[cfg(test)]
mod enable;
#[cfg(test)]
mod form;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod resync;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod support;
