//! The same work under another name.

use super::report::{Report, Seeded};
use super::verify::Verification;
use super::{Certificate, Lessons, NameError, Unfit, tidy};

/// A certificate under another name, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Renamed {
    /// The same actions and answers under the new name.
    pub certificate: Certificate,
    /// What came of them on the new name's seeds.
    pub report: Report,
}

impl Renamed {
    /// Challenges and predictions that hold as they are.
    pub fn kept(&self) -> Vec<Seeded> {
        self.report.seeded().into_iter().filter(|part| part.holds).collect()
    }

    /// Challenges and predictions that have to be asked again, and on which seed.
    pub fn again(&self) -> Vec<Seeded> {
        self.report.seeded().into_iter().filter(|part| !part.holds).collect()
    }
}

impl Certificate {
    /// The same actions and answers under another name.
    ///
    /// # Errors
    /// [`NameError`] when the name cannot stand on a certificate.
    pub fn under(&self, name: &str) -> Result<Self, NameError> {
        Ok(Self { name: tidy(name)?, ..self.clone() })
    }
}

/// Replays a certificate under another name at once. A page that must stay responsive gives
/// [`Certificate::under`] the name and has a [`Verification`] work on its text.
///
/// # Errors
/// [`Unfit`] when the name cannot stand on a certificate, or a lesson is not to be had.
pub fn rename(certificate: &Certificate, name: &str, lessons: &Lessons<'_>) -> Result<Renamed, Unfit> {
    let certificate = certificate.under(name).map_err(Unfit::Name)?;
    let text = certificate.to_text(lessons)?;
    // What was written reads back.
    let mut verification = Verification::new(&text, lessons).map_err(|_| Unfit::Long)?;
    verification.finish();
    Ok(Renamed { certificate, report: verification.report().clone() })
}
