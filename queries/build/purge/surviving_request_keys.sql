-- The identity keys of requests that are about somebody who stays, or about nobody who was found. Grain: reference x
-- address. Holds persons.
from surviving_request_key
