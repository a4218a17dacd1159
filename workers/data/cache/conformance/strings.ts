/** As in `keys.ts`. */
export const stringCases = `
# set and get
GET k -> null
SET k v -> "OK"
GET k -> "v"
SET k w GET -> "v"
STRLEN k -> 1
GETSET k x -> "w"
GETSET n y -> null
GETDEL n -> "y"
GETDEL n -> null
SETNX k z -> 0
SETNX n z -> 1

# conditions of set
SET k v XX -> null
SET k v NX -> "OK"
SET k w NX -> null
SET k w XX -> "OK"
GET k -> "w"
SET k x NX GET -> "w"
SET n x NX GET -> null
SET k v NX XX -> !ERR syntax error
SET k v EX -> !ERR syntax error
SET k v EX 1 PX 1 -> !ERR syntax error
SET k v KEEPTTL EX 1 -> !ERR syntax error
SET k v EX x -> !ERR value is not an integer or out of range
SET k v EX 0 -> !ERR invalid expire time in 'set' command
SET k v EX 9223372036854775807 -> !ERR invalid expire time in 'set' command
SET k v EX x FOO -> !ERR syntax error
SETEX k 0 v -> !ERR invalid expire time in 'setex' command
PSETEX k -1 v -> !ERR invalid expire time in 'psetex' command

# time to live of strings
SET k v EXAT 4102444800 -> "OK"
SET k w KEEPTTL -> "OK"
EXPIRETIME k -> 4102444800
APPEND k x -> 2
INCR n -> 1
EXPIRETIME k -> 4102444800
GETEX k -> "wx"
EXPIRETIME k -> 4102444800
GETEX k PERSIST -> "wx"
TTL k -> -1
GETEX k PXAT 4102444800500 -> "wx"
PEXPIRETIME k -> 4102444800500
GETEX k EX 0 -> !ERR invalid expire time in 'getex' command
GETEX k PERSIST EX 1 -> !ERR syntax error
GETEX none EX 0 -> null
SET k 5 -> "OK"
TTL k -> -1

# several
MGET a b -> [null,null]
MSET a 1 b 2 -> "OK"
MSETNX b 3 c 4 -> 0
MSETNX c 4 d 5 -> 1
MGET a b c d e -> ["1","2","4","5",null]
MSETNX a -> !ERR wrong number of arguments for 'msetnx' command

# counters
INCR n -> 1
INCRBY n 10 -> 11
DECR n -> 10
DECRBY n 20 -> -10
INCRBY n 1.5 -> !ERR value is not an integer or out of range
SET s x -> "OK"
INCR s -> !ERR value is not an integer or out of range
SET s 007 -> "OK"
INCR s -> !ERR value is not an integer or out of range
SET s '' -> "OK"
INCR s -> !ERR value is not an integer or out of range
SET n 9223372036854775807 -> "OK"
INCR n -> !ERR increment or decrement would overflow
DECRBY n -9223372036854775808 -> !ERR decrement would overflow
SET n -9223372036854775808 -> "OK"
DECR n -> !ERR increment or decrement would overflow
GET n -> "-9223372036854775808"

# floats
INCRBYFLOAT f 10.5 -> "10.5"
INCRBYFLOAT f 0.1 -> "10.6"
INCRBYFLOAT f -5e-1 -> "10.1"
SET f 3 -> "OK"
INCRBYFLOAT f 5.0e3 -> "5003"
INCRBYFLOAT f -5003.25 -> "-0.25"
INCRBYFLOAT f x -> !ERR value is not a valid float
INCRBYFLOAT f inf -> !ERR increment would produce NaN or Infinity
SET f x -> "OK"
INCRBYFLOAT f 1 -> !ERR value is not a valid float

# parts of strings
APPEND k ab -> 2
APPEND k é -> 4
STRLEN k -> 4
GETRANGE k 0 1 -> "ab"
GETRANGE k 2 3 -> "é"
GETRANGE k -2 -1 -> "é"
GETRANGE k 3 1 -> ""
GETRANGE k -1 -3 -> ""
GETRANGE none 0 -1 -> ""
SUBSTR k 0 0 -> "a"
SETRANGE k 2 cd -> 4
GET k -> "abcd"
SETRANGE k 6 x -> 7
STRLEN k -> 7
SETRANGE none 3 '' -> 0
EXISTS none -> 0
SETRANGE k -1 x -> !ERR offset is out of range
SETRANGE k 536870912 x -> !ERR string exceeds maximum allowed size (proto-max-bulk-len)
GETRANGE k a b -> !ERR value is not an integer or out of range

# the wrong kind of string
SADD s a -> 1
GET s -> !WRONGTYPE Operation against a key holding the wrong kind of value
SET s v GET -> !WRONGTYPE Operation against a key holding the wrong kind of value
INCR s -> !WRONGTYPE Operation against a key holding the wrong kind of value
APPEND s x -> !WRONGTYPE Operation against a key holding the wrong kind of value
STRLEN s -> !WRONGTYPE Operation against a key holding the wrong kind of value
GETEX s EX 0 -> !WRONGTYPE Operation against a key holding the wrong kind of value
INCRBYFLOAT s x -> !WRONGTYPE Operation against a key holding the wrong kind of value
MGET s none -> [null,null]
SET s v -> "OK"
GET s -> "v"
`
