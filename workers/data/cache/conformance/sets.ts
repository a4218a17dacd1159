/** As in `keys.ts`. */
export const setCases = `
# members
SADD s a b a -> 2
SADD s b c -> 1
SMEMBERS s -> ["c","b","a"]
SISMEMBER s a -> 1
SMISMEMBER s a z -> [1,0]
SCARD s -> 3
SREM s a z -> 1
SREM none a -> 0
SADD s -> !ERR wrong number of arguments for 'sadd' command

# moves
SADD s a -> 1
SADD t b -> 1
SMOVE s t a -> 1
SMOVE s t a -> 0
SMEMBERS t -> ["b","a"]
TYPE s -> "none"
SMOVE t t a -> 1
SMOVE t t z -> 0
SET k v -> "OK"
SMOVE none k a -> 0
SMOVE t k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
SMOVE k t a -> !WRONGTYPE Operation against a key holding the wrong kind of value

# random members
SADD s a -> 1
SRANDMEMBER s -> "a"
SRANDMEMBER s 3 -> ["a"]
SRANDMEMBER s -3 -> ["a","a","a"]
SRANDMEMBER none -> null
SRANDMEMBER none 3 -> []
SRANDMEMBER s x -> !ERR value is not an integer or out of range
SRANDMEMBER s 1 2 -> !ERR syntax error
SPOP s 0 -> []
SPOP s -1 -> !ERR value is out of range, must be positive
SPOP s 1 2 -> !ERR syntax error
SPOP s -> "a"
SPOP s -> null
SPOP s 1 -> []
SADD s a b -> 2
SPOP s 5 -> ["b","a"]
TYPE s -> "none"

# combinations
SADD s a b c -> 3
SADD t b c d -> 3
SINTER s t -> ["c","b"]
SUNION s t -> ["b","c","a","d"]
SDIFF s t -> ["a"]
SINTER s none -> []
SDIFF none s -> []
SINTERSTORE u s t -> 2
SMEMBERS u -> ["b","c"]
SUNIONSTORE u s t -> 4
SCARD u -> 4
SDIFFSTORE u s t -> 1
SMEMBERS u -> ["a"]
SDIFFSTORE u s s -> 0
EXISTS u -> 0
SINTERCARD 2 s t -> 2
SINTERCARD 2 s t LIMIT 1 -> 1
SINTERCARD 2 s t LIMIT 0 -> 2
SINTERCARD 2 s t LIMIT -1 -> !ERR LIMIT can't be negative
SINTERCARD 2 s t LIMIT -> !ERR syntax error
SINTERCARD 0 s -> !ERR numkeys should be greater than 0
SINTERCARD x s -> !ERR numkeys should be greater than 0
SINTERCARD 3 s t -> !ERR Number of keys can't be greater than number of args
SET k v -> "OK"
SINTER none k -> !WRONGTYPE Operation against a key holding the wrong kind of value
SUNIONSTORE k s t -> 4
TYPE k -> "set"

# scan of a set
SADD s a b -> 2
SSCAN s 0 MATCH b* -> ["0",["b"]]
SSCAN none 0 -> ["0",[]]
SSCAN s 0 TYPE x -> !ERR syntax error

# the wrong kind of set
SET k v -> "OK"
SADD k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
SMEMBERS k -> !WRONGTYPE Operation against a key holding the wrong kind of value
SPOP k -> !WRONGTYPE Operation against a key holding the wrong kind of value
SSCAN k 0 -> !WRONGTYPE Operation against a key holding the wrong kind of value
`
