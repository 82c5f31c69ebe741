//! What a mutant is: the reference client with one step replaced.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use attachset::client::{Call, Client, Http, retry};
use attachset::model::{Input, Operation, OperationShape};
use attachset::transcript::{End, Fault};
use attachset::wire::outcome::{ErrorKind, Outcome};
use attachset::wire::sign::{Credentials, sign};
use attachset::wire::{Headers, Request, Response, decode};

use crate::clients::edit;
use crate::clients::seen::Seen;
use crate::clients::socket::{Flaw, Socket};

/// A client with one defect.
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    /// The mistake that an implementer made.
    pub(crate) mistake: &'static str,
    pub(crate) defect: Defect,
}

pub(crate) const fn mutant(name: &'static str, mistake: &'static str, defect: Defect) -> Mutant {
    Mutant { name, mistake, defect }
}

/// The step in which a mutant departs from the reference client.
pub(crate) enum Defect {
    /// In none: the control, which must pass.
    None,
    /// Answers by itself where this gives something.
    Local(fn(&Input) -> Option<Outcome>),
    /// Changes what the user asked for.
    Input(fn(&mut Input)),
    /// Changes what the user asked for, knowing the call before.
    AfterInput(fn(&mut Input, &Input)),
    /// Changes the request before it is signed.
    Request(fn(&mut Request)),
    /// Changes the request before it is signed, knowing the attempt's number.
    Attempt(fn(&mut Request, u32)),
    /// Signs in another way.
    Sign(fn(&mut Request, &Credentials)),
    /// Sets its clock by the `Date` of each answer.
    Clock,
    /// Changes a signed request, knowing the attempt's number.
    Signed(fn(&mut Request, u32)),
    /// Sends in another way.
    Send(Flaw),
    /// Changes the answer before it is decoded.
    Answer(fn(&mut Response)),
    /// Takes an error's name from its discriminator in another way.
    Name(fn(&str) -> String),
    /// Changes an error's message.
    Message(fn(&str) -> String),
    /// Changes the strings of an output.
    Member(fn(&str) -> String),
    /// Changes what an answer came to.
    Outcome(fn(&mut Outcome, &Response)),
    /// Changes what a call came to, knowing its input.
    Report(fn(&mut Outcome, &Input)),
    /// Changes what a call came to, knowing what the one before came to.
    AfterOutcome(fn(&mut Outcome, &Outcome)),
    /// Changes an error that did not come of an answer.
    Failure(fn(&mut Outcome)),
    /// Does not live to report some answers.
    Fatal(fn(&Response) -> Option<Fault>),
    /// Decides in another way whether and when to try again.
    Retry(fn(&Outcome, &Headers, u32) -> Option<Duration>),
    /// Takes the number of attempts for another one.
    Attempts(fn(u32) -> u32),
}

/// The client that a mutant is.
pub(crate) struct Mutated {
    defect: &'static Defect,
    http: Http,
    socket: Option<Socket>,
    before: Option<(Input, Outcome)>,
    /// How far behind its clock is set.
    behind: Duration,
    /// What the control saw.
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Mutated {
    pub(crate) fn new(mutant: &'static Mutant, seen: Arc<Mutex<Vec<Seen>>>) -> Self {
        let defect = &mutant.defect;
        let socket = if let Defect::Send(flaw) = defect { Some(Socket::new(*flaw)) } else { None };
        Self { defect, http: Http::default(), socket, before: None, behind: Duration::ZERO, seen }
    }
}

impl Client for Mutated {
    fn drives(&self, _: &OperationShape) -> bool {
        true
    }

    async fn call(&mut self, call: &Call) -> End {
        let mut call = call.clone();
        if let (Defect::AfterInput(change), Some((input, _))) = (self.defect, &self.before) {
            change(&mut call.input, input);
        }
        let mut outcome = self.attempts(&mut call).await?;
        match (self.defect, &self.before) {
            (Defect::AfterOutcome(change), Some((_, before))) => change(&mut outcome, before),
            (Defect::Report(change), _) => change(&mut outcome, &call.input),
            _ => {}
        }
        self.before = Some((call.input, outcome.clone()));
        Ok(outcome)
    }
}

impl Mutated {
    async fn attempts(&mut self, call: &mut Call) -> End {
        if call.operation.is(Operation::AddAttachmentsToSet) && call.input.attachments.is_none() {
            return Ok(Outcome::error(ErrorKind::Client, "attachments is required"));
        }
        match self.defect {
            Defect::Local(answer) if let Some(outcome) = answer(&call.input) => return Ok(outcome),
            Defect::Input(change) => change(&mut call.input),
            Defect::Attempts(count) => call.max_attempts = count(call.max_attempts),
            _ => {}
        }
        let mut attempt = 1;
        loop {
            let request = self.defect.request(call, attempt);
            let request = self.defect.signed(request, call, attempt, SystemTime::now() - self.behind);
            let answer = match &mut self.socket {
                Some(socket) => socket.send(&request, call.timeout).await,
                None => self.http.send(request, call.timeout).await,
            };
            if let (Defect::Clock, Ok(response)) = (self.defect, &answer) {
                self.behind = edit::age(response).unwrap_or_default();
            }
            let outcome = match &answer {
                Ok(response) => self.defect.read(call.operation, response)?,
                Err(outcome) => self.defect.failure(outcome),
            };
            let headers = answer.as_ref().map(|response| response.headers.clone()).unwrap_or_default();
            if let Defect::None = self.defect {
                let (call, before, outcome) = (call.clone(), self.before.clone(), outcome.clone());
                self.seen.lock().unwrap().push(Seen { call, before, attempt, answer, outcome });
            }
            match self.defect.pause(&outcome, &headers, attempt) {
                Some(pause) if attempt < call.max_attempts => tokio::time::sleep(pause).await,
                _ => return Ok(outcome),
            }
            attempt += 1;
        }
    }
}

impl Defect {
    /// Whether the request is wrong.
    pub(crate) fn is_of_request(&self) -> bool {
        let by_attempt = matches!(self, Self::Attempt(_) | Self::Signed(_));
        by_attempt || !self.is_of_answer()
    }

    /// Whether what follows a request is wrong: reading its answer, reporting
    /// it, trying again.
    pub(crate) fn is_of_answer(&self) -> bool {
        !matches!(
            self,
            Self::Local(_) | Self::Input(_) | Self::AfterInput(_) | Self::Request(_) | Self::Sign(_)
        )
    }

    pub(crate) fn request(&self, call: &Call, attempt: u32) -> Request {
        let mut request = call.request();
        match self {
            Self::Request(change) => change(&mut request),
            Self::Attempt(change) => change(&mut request, attempt),
            _ => {}
        }
        let length = request.body.len().to_string();
        edit::header(&mut request.headers, "Content-Length", Some(&length));
        request
    }

    pub(crate) fn signed(&self, mut request: Request, call: &Call, attempt: u32, now: SystemTime) -> Request {
        match self {
            Self::Sign(sign) => sign(&mut request, &call.credentials),
            _ => sign(&mut request, &call.credentials, now).unwrap(),
        }
        if let Self::Signed(change) = self {
            change(&mut request, attempt);
        }
        request
    }

    pub(crate) fn read(&self, asked: &OperationShape, response: &Response) -> End {
        let mut response = response.clone();
        match self {
            Self::Fatal(fault) if let Some(fault) = fault(&response) => return Err(fault),
            Self::Answer(change) => change(&mut response),
            _ => {}
        }
        let mut outcome = decode::any_response(asked, &response);
        match (self, &mut outcome) {
            (Self::Outcome(change), outcome) => change(outcome, &response),
            (Self::Name(cut), Outcome::Error(error)) if error.code.is_some() => {
                error.code = edit::discriminator(&response).map(|name| cut(&name).into());
            }
            (Self::Message(change), Outcome::Error(error)) if error.kind == ErrorKind::Service => {
                error.message.iter_mut().for_each(|message| edit::text(message, *change));
            }
            (Self::Member(change), Outcome::Output(output)) => {
                output.members.values_mut().for_each(|member| edit::text(member, *change));
            }
            _ => {}
        }
        Ok(outcome)
    }

    pub(crate) fn failure(&self, outcome: &Outcome) -> Outcome {
        let mut outcome = outcome.clone();
        if let Self::Failure(change) = self {
            change(&mut outcome);
        }
        outcome
    }

    pub(crate) fn pause(&self, outcome: &Outcome, headers: &Headers, attempt: u32) -> Option<Duration> {
        match self {
            Self::Retry(pause) => pause(outcome, headers, attempt),
            // The shortest pause that the reference client may make.
            _ => retry::pause(outcome, headers, attempt, 0.0),
        }
    }
}
