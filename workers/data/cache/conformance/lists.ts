/** As in `keys.ts`. */
export const listCases = `
# both ends
RPUSH l b c -> 2
LPUSH l a z -> 4
LRANGE l 0 -1 -> ["z","a","b","c"]
LRANGE l -2 9 -> ["b","c"]
LRANGE l 2 1 -> []
LRANGE l a 1 -> !ERR value is not an integer or out of range
LTRIM l 1 -1 -> "OK"
LLEN l -> 3
LPOP l -> "a"
RPOP l 5 -> ["c","b"]
LPOP l -> null
LPOP l 1 -> null
TYPE l -> "none"
LPUSHX l a -> 0
RPUSHX l a -> 0
RPUSH l a -> 1
RPUSHX l b -> 2
LPUSHX l z y -> 4
LRANGE l 0 -1 -> ["y","z","a","b"]
LPOP l 0 -> []
LPOP l -1 -> !ERR value is out of range, must be positive
LPOP l x -> !ERR value is out of range, must be positive
LPOP l 1 2 -> !ERR wrong number of arguments for 'lpop' command
LTRIM l 5 9 -> "OK"
EXISTS l -> 0

# inside
RPUSH l a b c b a -> 5
LINDEX l 0 -> "a"
LINDEX l -1 -> "a"
LINDEX l 9 -> null
LINDEX l x -> !ERR value is not an integer or out of range
LINDEX none x -> null
LSET l 1 B -> "OK"
LSET l -1 A -> "OK"
LSET l 9 x -> !ERR index out of range
LSET none 0 x -> !ERR no such key
LINSERT l BEFORE c x -> 6
LINSERT l AFTER c y -> 7
LINSERT l AFTER zz y -> -1
LINSERT l NEAR c y -> !ERR syntax error
LINSERT none AFTER c y -> 0
LRANGE l 0 -1 -> ["a","B","x","c","y","b","A"]
LREM l 1 b -> 1
LREM l -1 x -> 1
LREM l 0 zz -> 0
LREM l x a -> !ERR value is not an integer or out of range
LRANGE l 0 -1 -> ["a","B","c","y","A"]
LTRIM l 1 -2 -> "OK"
LRANGE l 0 -1 -> ["B","c","y"]

# places
RPUSH l a b c 1 2 3 c c -> 8
LPOS l c -> 2
LPOS l zz -> null
LPOS l c RANK 2 -> 6
LPOS l c RANK -1 -> 7
LPOS l c COUNT 2 -> [2,6]
LPOS l c COUNT 0 -> [2,6,7]
LPOS l c RANK -1 COUNT 2 -> [7,6]
LPOS l c MAXLEN 2 -> null
LPOS l c MAXLEN 3 -> 2
LPOS l zz COUNT 0 -> []
LPOS l c RANK 0 -> !ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list
LPOS l c COUNT -1 -> !ERR COUNT can't be negative
LPOS l c MAXLEN -1 -> !ERR MAXLEN can't be negative
LPOS l c RANK -> !ERR syntax error
LPOS l c NEAR 1 -> !ERR syntax error

# moves between lists
RPUSH l a b c -> 3
LMOVE l m LEFT RIGHT -> "a"
LMOVE l m RIGHT LEFT -> "c"
LRANGE m 0 -1 -> ["c","a"]
LMOVE m m LEFT RIGHT -> "c"
LRANGE m 0 -1 -> ["a","c"]
RPOPLPUSH m l -> "c"
RPOPLPUSH none l -> null
LMOVE l m UP LEFT -> !ERR syntax error
SET k v -> "OK"
LMOVE l k LEFT LEFT -> !WRONGTYPE Operation against a key holding the wrong kind of value
LLEN l -> 2

# the wrong kind of list
SET k v -> "OK"
LPUSH k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
LPUSHX k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
LRANGE k 0 -1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
LINDEX k x -> !WRONGTYPE Operation against a key holding the wrong kind of value
LPOS k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
`
