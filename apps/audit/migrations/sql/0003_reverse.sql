SET LOCAL ROLE ankang_audit;
DROP INDEX audit.event_by_action, audit.event_of_service, audit.event_not_permitted, audit.event_with_reason;
SET LOCAL ROLE NONE;
