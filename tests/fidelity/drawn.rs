//! Policies that draw: the counts of a batch.

use std::collections::BTreeMap;

use crate::pool::{Pool, Request};
use crate::replay::Expect;
use crate::statistics::{could_be, counts};

/// So many requests of the model stand for one of the server's, so that the model's own chance
/// does not count.
const SURE: u64 = 200;

/// Requests of which only the counts are known: they must be ones that the model's shares give
/// but once in a thousand times.
pub(crate) fn batch(pool: &mut Pool, request: &Request<'_>, n: u64) -> Result<Expect, String> {
    let mut shares = BTreeMap::new();
    for _ in 0..n * SURE {
        let name = pool.request(request).ok_or("the model picks nobody")?;
        *shares.entry(name).or_insert(0.0) += 1.0;
    }
    Ok(Expect::Holds(Box::new(move |decided| could_be(&counts(&decided["counts"]), &shares))))
}
