-- The keyed digest of a text, as compliance.keys.Key.digest makes it: HMAC-SHA-256, its first 128 bits in hexadecimal.
-- The pads of the key are the connection's variables ipad and opad.
create or replace temp macro keyed(text) as
    left(sha256(getvariable('opad') || unhex(sha256(getvariable('ipad') || encode(text)))), 32);
