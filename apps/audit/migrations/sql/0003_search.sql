-- Auditors search by any one key and a period; each key has an index that ends in the order of the pages.
-- What is rare (refusals, reasons) is indexed only where it stands, which costs the other events nothing.
SET LOCAL ROLE ankang_audit;
CREATE INDEX event_by_action ON audit.event (action, recorded_at DESC, id DESC);
CREATE INDEX event_of_service ON audit.event (service, recorded_at DESC, id DESC) WHERE service <> '';
CREATE INDEX event_not_permitted ON audit.event (outcome, recorded_at DESC, id DESC) WHERE outcome <> 'permitted';
CREATE INDEX event_with_reason ON audit.event (reason, recorded_at DESC, id DESC) WHERE reason <> '';
SET LOCAL ROLE NONE;
