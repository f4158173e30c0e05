//! A resource with one thing wrong, and the rule that must see it.

use payerspec::fhir::json::Value;

/// One step from a value to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Where a value stands, from the root of the resource.
pub type Pointer = Vec<Step>;

/// One change of a resource.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Puts a value in place of another, or adds it to an object.
    Put(Pointer, Value),
    /// Takes a value out; an array that it leaves empty goes too.
    Take(Pointer),
    /// Adds an item to an array, which is made when it is not there.
    Push(Pointer, Value),
    /// Everything anew.
    Whole(Value),
}

/// What is to be done to an example.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was done, such as `bad-grammar`.
    pub kind: &'static str,
    /// The rule that must fire.
    pub rule: String,
    /// The definition's path of the place, such as `Patient.name.given`.
    pub place: String,
    pub edits: Vec<Edit>,
}

impl Mutant {
    pub fn new(kind: &'static str, rule: impl Into<String>, place: impl Into<String>, edit: Edit) -> Self {
        Self { kind, rule: rule.into(), place: place.into(), edits: vec![edit] }
    }

    /// The example with the changes.
    pub fn apply(&self, example: &Value) -> Value {
        let mut changed = example.clone();
        for edit in &self.edits {
            edit.apply(&mut changed);
        }
        changed
    }
}

impl Edit {
    fn apply(&self, root: &mut Value) {
        match self {
            Self::Whole(value) => *root = value.clone(),
            Self::Put(pointer, value) => {
                let (last, before) = pointer.split_last().unwrap();
                match (follow(root, before).unwrap(), last) {
                    (Value::Object(fields), Step::Key(key)) => {
                        fields.insert(key.clone(), value.clone());
                    }
                    (Value::Array(items), Step::Index(index)) => items[*index] = value.clone(),
                    (other, step) => panic!("{step:?} does not lead into {other}"),
                }
            }
            Self::Take(pointer) => take(root, pointer),
            Self::Push(pointer, value) => {
                let (last, before) = pointer.split_last().unwrap();
                let Step::Key(key) = last else { panic!("an array has a name") };
                let fields = follow(root, before).unwrap().as_object_mut().unwrap();
                let items = fields.entry(key.clone()).or_insert_with(|| Value::Array(Vec::new()));
                items.as_array_mut().unwrap().push(value.clone());
            }
        }
    }
}

fn take(root: &mut Value, pointer: &[Step]) {
    let (last, before) = pointer.split_last().unwrap();
    match (follow(root, before).unwrap(), last) {
        (Value::Object(fields), Step::Key(key)) => {
            fields.shift_remove(key);
            fields.shift_remove(&format!("_{key}"));
        }
        (Value::Array(items), Step::Index(index)) => {
            items.remove(*index);
            if items.is_empty() {
                take(root, before);
            }
        }
        _ => {}
    }
}

fn follow<'v>(root: &'v mut Value, pointer: &[Step]) -> Option<&'v mut Value> {
    pointer.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// The value at a place.
pub fn at<'v>(root: &'v Value, pointer: &[Step]) -> Option<&'v Value> {
    pointer.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

/// A place one name further.
pub fn key(pointer: &[Step], name: &str) -> Pointer {
    let mut longer = pointer.to_vec();
    longer.push(Step::Key(name.to_owned()));
    longer
}

/// A place one index further.
pub fn index(pointer: &[Step], index: usize) -> Pointer {
    let mut longer = pointer.to_vec();
    longer.push(Step::Index(index));
    longer
}
