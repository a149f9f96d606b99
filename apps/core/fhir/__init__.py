"""FHIR R4 over HTTP, without a word of what is read: `resources` (what an app declares), `searching`
(parameters), `bundles` (pages of results), `outcomes` (refusals), `capabilities`, `rendering`.

An app declares a `Resource`; workstations.fhir makes views of it that know who asks and record it.
"""
