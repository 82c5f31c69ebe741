//! The service model as a table: what each operation takes, gives and fails with.
//!
//! Read from `service.json`, the model of API version 2013-04-15 as botocore
//! 1.44.5 has it, without its documentation. Another operation is a line there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Operation, names};

/// The operations of the service by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model(BTreeMap<String, OperationShape>);

/// An operation as the service model has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationShape {
    /// Its name, such as `DescribeCases`.
    pub name: String,
    /// What it takes.
    pub input: Structure,
    /// What it gives.
    pub output: Structure,
    /// The errors that the model lists for it, with the HTTP status of each: 500
    /// where it is the service's fault, 400 where it is the caller's.
    pub errors: BTreeMap<String, u16>,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Bytes; in JSON, padded standard base64.
    Blob,
    /// `true` or `false`.
    Boolean,
    /// A number of double precision.
    Double,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// Characters.
    String,
    /// Values of one type.
    List(Box<Shape>),
    /// Named members.
    Structure(Structure),
}

/// Named members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure(pub BTreeMap<String, Member>);

/// A member of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its type.
    pub shape: Shape,
    /// Whether the model requires it.
    pub is_required: bool,
}

/// Why a model cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It is not JSON of the table's form.
    #[error("the service model: {0}")]
    Form(#[from] serde_json::Error),
    /// A name that no shape has.
    #[error("{0} names the shape {1}, which the model does not have")]
    NoShape(String, String),
    /// A type that the table does not have.
    #[error("the shape {0} has the type {1:?}, which is not supported")]
    Type(String, String),
    /// A list that does not say of what.
    #[error("the shape {0} is a list without a member")]
    NoMember(String),
    /// A structure that contains itself.
    #[error("the shape {0} contains itself, which is not supported")]
    Recursive(String),
    /// An input or output that has no members.
    #[error("the operation {0} takes or gives {1}, which is no structure")]
    NoStructure(String, String),
}

/// The operation of a name, if the service has it.
#[must_use]
pub fn operation_shape(name: &str) -> Option<&'static OperationShape> {
    static MODEL: LazyLock<Model> = LazyLock::new(|| {
        Model::parse(include_str!("service.json")).expect("the model in the program is one: a test reads it")
    });
    MODEL.0.get(name)
}

impl OperationShape {
    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, operation: Operation) -> bool {
        self.name == operation.name()
    }

    /// The operation that an `X-Amz-Target` header names, if the service has it.
    #[must_use]
    pub fn of_target(target: &str) -> Option<&'static Self> {
        operation_shape(target.strip_prefix(names::TARGET_PREFIX)?.strip_prefix('.')?)
    }

    /// The value of `X-Amz-Target` in its requests.
    #[must_use]
    pub fn target(&self) -> String {
        format!("{}.{}", names::TARGET_PREFIX, self.name)
    }
}

impl Model {
    /// Reads the table.
    ///
    /// # Errors
    /// Where it is malformed or has a type that is not supported; the error names
    /// the shape.
    pub fn parse(json: &str) -> Result<Self, ModelError> {
        let table: Table = serde_json::from_str(json)?;
        let operations = table.operations.iter().map(|(name, row)| {
            let error = |error: &String| {
                let shape = table.shapes.get(error);
                let shape = shape.ok_or_else(|| ModelError::NoShape(name.clone(), error.clone()))?;
                Ok((error.clone(), if shape.fault { 500 } else { 400 }))
            };
            let operation = OperationShape {
                name: name.clone(),
                input: table.structure(name, &row.input)?,
                output: table.structure(name, &row.output)?,
                errors: row.errors.iter().map(error).collect::<Result<_, ModelError>>()?,
            };
            Ok((name.clone(), operation))
        });
        operations.collect::<Result<_, _>>().map(Self)
    }

    /// The operations, by name.
    pub fn operations(&self) -> impl Iterator<Item = &OperationShape> {
        self.0.values()
    }
}

#[derive(Deserialize)]
struct Table {
    operations: BTreeMap<String, OperationRow>,
    shapes: BTreeMap<String, ShapeRow>,
}

#[derive(Deserialize)]
struct OperationRow {
    input: String,
    output: String,
    errors: Vec<String>,
}

#[derive(Deserialize)]
struct ShapeRow {
    r#type: String,
    #[serde(default)]
    members: BTreeMap<String, String>,
    #[serde(default)]
    required: BTreeSet<String>,
    member: Option<String>,
    #[serde(default)]
    fault: bool,
}

impl Table {
    fn structure(&self, operation: &str, name: &str) -> Result<Structure, ModelError> {
        match self.shape(operation, name, &mut Vec::new())? {
            Shape::Structure(structure) => Ok(structure),
            _ => Err(ModelError::NoStructure(operation.into(), name.into())),
        }
    }

    /// A shape with those that it names, `within` the ones that name it.
    fn shape<'a>(&'a self, by: &str, name: &'a str, within: &mut Vec<&'a str>) -> Result<Shape, ModelError> {
        if within.contains(&name) {
            return Err(ModelError::Recursive(name.into()));
        }
        let row = self.shapes.get(name).ok_or_else(|| ModelError::NoShape(by.into(), name.into()))?;
        within.push(name);
        let shape = match row.r#type.as_str() {
            "blob" => Shape::Blob,
            "boolean" => Shape::Boolean,
            "double" => Shape::Double,
            "integer" => Shape::Integer,
            "long" => Shape::Long,
            "string" => Shape::String,
            "list" => {
                let member = row.member.as_deref().ok_or_else(|| ModelError::NoMember(name.into()))?;
                Shape::List(Box::new(self.shape(name, member, within)?))
            }
            "structure" => {
                let members = row.members.iter().map(|(member, of)| {
                    let shape = self.shape(name, of, within)?;
                    Ok((member.clone(), Member { shape, is_required: row.required.contains(member) }))
                });
                Shape::Structure(Structure(members.collect::<Result<_, ModelError>>()?))
            }
            other => return Err(ModelError::Type(name.into(), other.into())),
        };
        within.pop();
        Ok(shape)
    }
}

impl Structure {
    /// The type of a member, if there is one of this name.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.0.get(name).map(|member| &member.shape)
    }

    /// Whether any member is required.
    #[must_use]
    pub fn requires(&self) -> bool {
        self.0.values().any(|member| member.is_required)
    }

    /// The names of the members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
