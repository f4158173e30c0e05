//! The place of an element in a resource, kept on the stack and written out only for a finding.

use std::fmt;

/// A FHIRPath from the root of a resource to one element.
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'p str,
    index: Option<usize>,
}

impl<'p> Path<'p> {
    /// The root, named by the resource type.
    pub fn root(name: &'p str) -> Self {
        Self { parent: None, name, index: None }
    }

    /// A child element.
    pub fn child(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), name, index: None }
    }

    /// The same element as the item `index` of a repetition, counted from 0.
    pub fn at(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    /// Number of elements from the root.
    pub fn depth(&self) -> usize {
        std::iter::successors(Some(self), |path| path.parent).count()
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<&Path<'_>> = std::iter::successors(Some(self), |path| path.parent).collect();
        for (place, step) in steps.iter().rev().enumerate() {
            if place > 0 {
                out.write_str(".")?;
            }
            out.write_str(step.name)?;
            if let Some(index) = step.index {
                write!(out, "[{index}]")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_with_its_indexes() {
        let root = Path::root("ExplanationOfBenefit");
        let item = root.child("item").at(2);
        let amount = item.child("amount");
        assert_eq!(amount.to_string(), "ExplanationOfBenefit.item[2].amount");
        assert_eq!((root.depth(), amount.depth()), (1, 3));
    }
}
