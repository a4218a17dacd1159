/** As in `keys.ts`. */
export const sortedSetCases = `
# scores
ZADD z 2 b 1 a 2 c -> 3
ZADD z 3 a -> 0
ZADD z CH 4 a 5 d -> 2
ZADD z NX 9 a -> 0
ZADD z XX 9 q -> 0
ZADD z GT CH 3 a -> 0
ZADD z LT CH 3 a -> 1
ZADD z XX INCR 1 q -> null
ZADD z INCR 2 a -> "5"
ZSCORE z a -> "5"
ZSCORE z q -> null
ZMSCORE z a q -> ["5",null]
ZCARD z -> 4
ZINCRBY z 1.5 b -> "3.5"
ZINCRBY z -0.25 new -> "-0.25"
ZREM z a d q -> 2
ZADD z inf i -> 1
ZINCRBY z -inf i -> !ERR resulting score is not a number (NaN)
ZADD z x a -> !ERR value is not a valid float
ZADD z nan a -> !ERR value is not a valid float
ZADD z NX XX 1 a -> !ERR XX and NX options at the same time are not compatible
ZADD z GT LT 1 a -> !ERR GT, LT, and/or NX options at the same time are not compatible
ZADD z NX GT 1 a -> !ERR GT, LT, and/or NX options at the same time are not compatible
ZADD z INCR 1 a 2 b -> !ERR INCR option supports a single increment-element pair
ZADD z 1 -> !ERR wrong number of arguments for 'zadd' command
ZADD z 1 a 2 -> !ERR syntax error
ZADD z NX -> !ERR wrong number of arguments for 'zadd' command

# ranges by rank
ZADD z 1 a 2 b 2 c 3 d -> 4
ZRANGE z 0 -1 -> ["a","b","c","d"]
ZRANGE z 0 1 REV WITHSCORES -> ["d","3","c","2"]
ZREVRANGE z 0 0 WITHSCORES -> ["d","3"]
ZRANGE z -2 -1 -> ["c","d"]
ZRANGE z 5 9 -> []
ZRANGE z a b -> !ERR value is not an integer or out of range
ZRANGE z 0 1 LIMIT 0 1 -> !ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX
ZRANGE z 0 1 LIMIT 0 -> !ERR syntax error
ZREVRANGE z 0 1 REV -> !ERR syntax error
ZRANK z c -> 2
ZREVRANK z c -> 1
ZRANK z q -> null

# ranges by score
ZADD z 1 a 2 b 2 c 3 d -> 4
ZRANGE z (2 +inf BYSCORE -> ["d"]
ZRANGE z +inf -inf BYSCORE REV LIMIT 1 2 -> ["c","b"]
ZRANGEBYSCORE z -inf 2 WITHSCORES LIMIT 0 1 -> ["a","1"]
ZRANGEBYSCORE z 1 3 LIMIT 1 -1 -> ["b","c","d"]
ZRANGEBYSCORE z 1 3 LIMIT -1 2 -> []
ZREVRANGEBYSCORE z 3 (1 -> ["d","c","b"]
ZRANGEBYSCORE z x 1 -> !ERR min or max is not a float
ZCOUNT z 2 +inf -> 3
ZCOUNT z (2 x -> !ERR min or max is not a float
ZREMRANGEBYSCORE z 2 2 -> 2
ZRANGE z 0 -1 -> ["a","d"]

# ranges by name
ZADD z 0 a 0 b 0 c 0 é 0 😀 0 ￮ -> 6
ZRANGE z - + BYLEX -> ["a","b","c","é","￮","😀"]
ZRANGEBYLEX z [b (é -> ["b","c"]
ZREVRANGEBYLEX z + [é LIMIT 0 2 -> ["😀","￮"]
ZRANGE z + (c BYLEX REV -> ["😀","￮","é"]
ZLEXCOUNT z - [c -> 3
ZLEXCOUNT z a [c -> !ERR min or max not valid string range item
ZRANGE z - + BYLEX WITHSCORES -> !ERR syntax error, WITHSCORES not supported in combination with BYLEX
ZRANGE z - + BYLEX BYSCORE -> !ERR syntax error
ZREMRANGEBYLEX z (a [c -> 2
ZCARD z -> 4

# taking from the ends
ZADD z 1 a 2 b 3 c 4 d -> 4
ZPOPMIN z -> ["a","1"]
ZPOPMAX z 2 -> ["d","4","c","3"]
ZPOPMIN z 0 -> []
ZPOPMIN z -1 -> !ERR value is out of range, must be positive
ZPOPMIN z x -> !ERR value is out of range, must be positive
ZPOPMIN z 1 2 -> !ERR syntax error
ZPOPMIN none -> []
ZREMRANGEBYRANK z 0 -1 -> 1
TYPE z -> "none"

# random members of sorted sets
ZADD z 1 a -> 1
ZRANDMEMBER z -> "a"
ZRANDMEMBER z 2 WITHSCORES -> ["a","1"]
ZRANDMEMBER z -2 -> ["a","a"]
ZRANDMEMBER none -> null
ZRANDMEMBER z 1 SCORES -> !ERR syntax error

# stored ranges
ZADD z 1 a 2 b 3 c -> 3
ZRANGESTORE y z 1 -1 -> 2
ZRANGE y 0 -1 WITHSCORES -> ["b","2","c","3"]
ZRANGESTORE y z (1 2 BYSCORE -> 1
ZRANGE y 0 -1 -> ["b"]
ZRANGESTORE y z 5 6 -> 0
EXISTS y -> 0
ZRANGESTORE y z 0 1 WITHSCORES -> !ERR syntax error

# combinations of sorted sets
ZADD z 1 a 2 b -> 2
ZADD y 10 b 20 c -> 2
SADD s b -> 1
ZUNION 2 z y WITHSCORES -> ["a","1","b","12","c","20"]
ZUNION 2 z y WEIGHTS 2 0.5 WITHSCORES -> ["a","2","b","9","c","10"]
ZUNION 2 z y AGGREGATE MAX WITHSCORES -> ["a","1","b","10","c","20"]
ZINTER 2 z s WITHSCORES -> ["b","3"]
ZINTER 2 z y AGGREGATE MIN WITHSCORES -> ["b","2"]
ZDIFF 2 z y WITHSCORES -> ["a","1"]
ZDIFF 2 z y WEIGHTS 1 1 -> !ERR syntax error
ZINTERCARD 2 z y -> 1
ZINTERCARD 2 z y LIMIT -1 -> !ERR LIMIT can't be negative
ZUNIONSTORE u 2 z y -> 3
ZINTERSTORE u 2 z y -> 1
ZRANGE u 0 -1 WITHSCORES -> ["b","12"]
ZDIFFSTORE u 2 z z -> 0
EXISTS u -> 0
ZUNION 0 z -> !ERR at least 1 input key is needed for 'zunion' command
ZUNION x z -> !ERR value is not an integer or out of range
ZUNION 3 z y -> !ERR syntax error
ZUNION 2 z y WEIGHTS 1 -> !ERR syntax error
ZUNION 2 z y WEIGHTS 1 x -> !ERR weight value is not a float
ZUNION 2 z y AGGREGATE AVG -> !ERR syntax error
SET k v -> "OK"
ZUNION 2 z k -> !WRONGTYPE Operation against a key holding the wrong kind of value

# scan of a sorted set
ZADD z 1 a 2.5 b -> 2
ZSCAN z 0 -> ["0",["a","1","b","2.5"]]
ZSCAN z 0 MATCH b -> ["0",["b","2.5"]]

# the wrong kind of sorted set
SET k v -> "OK"
ZADD k 1 a -> !WRONGTYPE Operation against a key holding the wrong kind of value
ZADD k x a -> !ERR value is not a valid float
ZRANGE k 0 -1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
ZRANK k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
ZPOPMIN k -> !WRONGTYPE Operation against a key holding the wrong kind of value
`
