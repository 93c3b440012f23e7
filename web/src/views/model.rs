//! What a simulation is worth.
use hopscope_core::lesson::ModelCard;

/// The model card.
pub fn card(_card: &ModelCard) -> String {
    String::new()
}
