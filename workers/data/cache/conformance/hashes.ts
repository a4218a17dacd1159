/** As in `keys.ts`. */
export const hashCases = `
# fields
HSET h a 1 b 2 -> 2
HSET h a 3 -> 0
HSETNX h a 4 -> 0
HSETNX h c 4 -> 1
HGET h a -> "3"
HGET h z -> null
HMGET h a z -> ["3",null]
HGETALL h -> ["a","3","b","2","c","4"]
HKEYS h -> ["a","b","c"]
HVALS h -> ["3","2","4"]
HLEN h -> 3
HSTRLEN h a -> 1
HSTRLEN h z -> 0
HEXISTS h a -> 1
HMSET h d 1 -> "OK"
HDEL h a z -> 1
HDEL h b c d -> 3
TYPE h -> "none"
HGETALL h -> []
HMGET h a -> [null]
HSET h a -> !ERR wrong number of arguments for 'hset' command
HSET h a 1 b -> !ERR wrong number of arguments for 'hset' command
HMSET h a 1 b -> !ERR wrong number of arguments for 'hmset' command

# counters in hashes
HINCRBY h a 4 -> 4
HINCRBY h a -6 -> -2
HSET h s x -> 1
HINCRBY h s 1 -> !ERR hash value is not an integer
HINCRBY h a 1.5 -> !ERR value is not an integer or out of range
HSET h big 9223372036854775807 -> 1
HINCRBY h big 1 -> !ERR increment or decrement would overflow
HINCRBYFLOAT h f 10.5 -> "10.5"
HINCRBYFLOAT h f 0.1 -> "10.6"
HINCRBYFLOAT h s 1 -> !ERR hash value is not a float
HINCRBYFLOAT h f x -> !ERR value is not a valid float
HINCRBYFLOAT h f inf -> !ERR value is NaN or Infinity

# random fields
HRANDFIELD h -> null
HRANDFIELD h 2 -> []
HSET h a 1 -> 1
HRANDFIELD h -> "a"
HRANDFIELD h 5 -> ["a"]
HRANDFIELD h -3 -> ["a","a","a"]
HRANDFIELD h 0 -> []
HRANDFIELD h 2 WITHVALUES -> ["a","1"]
HRANDFIELD h 2 VALUES -> !ERR syntax error
HRANDFIELD h x -> !ERR value is not an integer or out of range

# scan of a hash
HSCAN h 0 -> ["0",[]]
HSET h a 1 b 2 -> 2
HSCAN h 0 MATCH b* -> ["0",["b","2"]]
HSCAN h 0 COUNT 1 -> ["0",["a","1","b","2"]]
HSCAN h 0 TYPE string -> !ERR syntax error
HSCAN h x -> !ERR invalid cursor

# the wrong kind of hash
SET k v -> "OK"
HSET k a 1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
HGET k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
HINCRBY k a x -> !ERR value is not an integer or out of range
HINCRBY k a 1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
HSCAN k 0 -> !WRONGTYPE Operation against a key holding the wrong kind of value
HRANDFIELD k 1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
`
