/** Replies are those of Redis 7.0.15; `cases.ts` says how to read them. */
export const keyCases = String.raw`
# answers and arity
PING -> "PONG"
PING hi -> "hi"
ECHO x -> "x"
GET -> !ERR wrong number of arguments for 'get' command
GET a b -> !ERR wrong number of arguments for 'get' command
MSET a 1 b -> !ERR wrong number of arguments for 'mset' command
PING a b -> !ERR wrong number of arguments for 'ping' command

# keys of any type
MSET a 1 b 2 -> "OK"
EXISTS a b c a -> 3
TOUCH a c -> 1
TYPE a -> "string"
TYPE none -> "none"
DEL a c -> 1
UNLINK b c -> 1
DBSIZE -> 0
FLUSHDB ASYNC -> "OK"
FLUSHALL SYNC -> "OK"
FLUSHDB NOW -> !ERR syntax error

# rename
RENAME a b -> !ERR no such key
SET a 1 EXAT 4102444800 -> "OK"
RENAME a b -> "OK"
EXPIRETIME b -> 4102444800
RENAME b b -> "OK"
SADD s x -> 1
RENAMENX b s -> 0
RENAMENX b c -> 1
RENAMENX none c -> !ERR no such key
RENAME c s -> "OK"
TYPE s -> "string"
DBSIZE -> 1

# copy
SET a 1 EXAT 4102444800 -> "OK"
SET b 2 -> "OK"
COPY a b -> 0
COPY a b REPLACE -> 1
EXPIRETIME b -> 4102444800
COPY a a -> !ERR source and destination objects are the same
COPY none c -> 0
COPY a c DB -> !ERR syntax error
COPY a c AGAIN -> !ERR syntax error
HSET h f 1 -> 1
COPY h i -> 1
HSET i f 2 -> 0
HGET h f -> "1"

# expiry
SET k v -> "OK"
EXPIREAT k 4102444800 -> 1
EXPIRETIME k -> 4102444800
PEXPIRETIME k -> 4102444800000
EXPIREAT k 4102444801 NX -> 0
EXPIREAT k 4102444801 GT -> 1
EXPIREAT k 4102444800 GT -> 0
PEXPIREAT k 4102444800500 LT -> 1
PEXPIRETIME k -> 4102444800500
PERSIST k -> 1
PERSIST k -> 0
TTL k -> -1
PTTL none -> -2
EXPIRETIME none -> -2
EXPIRE k 10 XX -> 0
EXPIRE k 10 NX XX -> !ERR NX and XX, GT or LT options at the same time are not compatible
EXPIRE k 10 GT LT -> !ERR GT and LT options at the same time are not compatible
EXPIRE k x SOON -> !ERR Unsupported option SOON
EXPIRE k x -> !ERR value is not an integer or out of range
EXPIRE k 9223372036854775807 -> !ERR invalid expire time in 'expire' command
PEXPIREAT k 1 -> 1
EXISTS k -> 0

# patterns
MSET a:1 x a:2 x b:1 x a^ x -> "OK"
KEYS a:* -> ["a:2","a:1"]
KEYS ?:1 -> ["b:1","a:1"]
KEYS [^a]* -> ["b:1"]
KEYS a[:^][9-2] -> ["a:2"]
KEYS a\^ -> ["a^"]
KEYS * -> ["a^","b:1","a:2","a:1"]
SCAN 0 MATCH b* COUNT 100 TYPE string -> ["0",["b:1"]]
SCAN 0 TYPE hash COUNT 100 -> ["0",[]]
SCAN x -> !ERR invalid cursor
SCAN 0 COUNT 0 -> !ERR syntax error
SCAN 0 COUNT x -> !ERR value is not an integer or out of range
SCAN 0 MATCH -> !ERR syntax error
RANDOMKEY x -> !ERR wrong number of arguments for 'randomkey' command

# a random key
RANDOMKEY -> null
SET only 1 -> "OK"
RANDOMKEY -> "only"
`
