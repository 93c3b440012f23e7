//! Whether counts could be chance.

use std::collections::BTreeMap;

use serde_json::Value;

/// How far out 99.9 % of a standard normal variable lie, on one side.
const Z_999: f64 = 3.090_232;

/// Whether recorded counts could come from these shares, by Pearson's chi-square test on the
/// 99.9 % level. Where the model gives nothing, nothing may be counted.
pub(crate) fn could_be(counts: &BTreeMap<String, f64>, shares: &BTreeMap<String, f64>) -> Result<(), String> {
    let n: f64 = counts.values().sum();
    let whole: f64 = shares.values().sum();
    let (mut sum, mut classes) = (0.0, 0u32);
    for name in counts.keys().chain(shares.keys().filter(|name| !counts.contains_key(*name))) {
        let counted = counts.get(name).copied().unwrap_or(0.0);
        let expected = shares.get(name).copied().unwrap_or(0.0) / whole * n;
        if expected > 0.0 {
            sum += (counted - expected) * (counted - expected) / expected;
            classes += 1;
        } else if counted > 0.0 {
            return Err(format!("{name} has {counted}, the model never picks it"));
        }
    }
    let limit = chi_square_999(classes.saturating_sub(1));
    if sum <= limit { Ok(()) } else { Err(format!("chi-square is {sum:.1}, over {limit:.1}: {counts:?} against {shares:?}")) }
}

/// The 99.9 % points of the chi-square distribution with 0 to 5 degrees of freedom; with none,
/// nothing but rounding may differ.
const FEW: [f64; 6] = [1e-9, 10.828, 13.816, 16.266, 18.467, 20.515];

/// The 99.9 % point of the chi-square distribution; past the table Wilson and Hilferty's (1931).
fn chi_square_999(degrees: u32) -> f64 {
    if let Some(point) = FEW.get(degrees as usize) {
        return *point;
    }
    let k = f64::from(degrees);
    let root = 1.0 - 2.0 / (9.0 * k) + Z_999 * (2.0 / (9.0 * k)).sqrt();
    k * root * root * root
}

/// Numbers by name, as recordings have counts.
pub(crate) fn counts(value: &Value) -> BTreeMap<String, f64> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(name, n)| (name.clone(), n.as_f64().unwrap_or(0.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_extremes() {
        // Printed in tables.
        for (degrees, limit) in [(1, 10.828), (6, 22.458), (10, 29.588), (30, 59.703)] {
            assert!((chi_square_999(degrees) - limit).abs() < 0.3, "{degrees}");
        }
        let map = |pairs: &[(&str, f64)]| pairs.iter().map(|&(name, n)| (name.to_owned(), n)).collect::<BTreeMap<_, _>>();
        let even = map(&[("a", 1.0), ("b", 1.0)]);
        assert!(could_be(&map(&[("a", 510.0), ("b", 490.0)]), &even).is_ok());
        assert!(could_be(&map(&[("a", 600.0), ("b", 400.0)]), &even).is_err());
        assert!(could_be(&map(&[("a", 5.0), ("b", 5.0), ("c", 1.0)]), &even).is_err());
    }
}
