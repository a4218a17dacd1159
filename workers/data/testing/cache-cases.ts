export type Reply = { result: unknown } | { error: string }
export type Step = { command: string[]; reply: Reply }

/** Steps that start with nothing stored. */
export type Case = { name: string; steps: Step[] }

/**
 * What every engine behind the contract must answer; the replies are those of Redis 7.0.15. `# name`, and below it
 * `COMMAND words -> reply`: the reply as JSON or, after `!`, an error. `''` is an empty word.
 */
const texts = String.raw`
# answers and counts arguments
PING -> "PONG"
GET -> !ERR wrong number of arguments for 'get' command
GET a b -> !ERR wrong number of arguments for 'get' command
MSET a 1 b -> !ERR wrong number of arguments for 'mset' command

# finds and deletes keys of any type
MSET a 1 b 2 -> "OK"
EXISTS a b c a -> 3
TYPE a -> "string"
TYPE none -> "none"
DEL a c -> 1
EXISTS a b -> 1
FLUSHALL -> "OK"
EXISTS b -> 0

# expires keys
SET k v -> "OK"
TTL k -> -1
PTTL none -> -2
EXPIRE k 100 -> 1
TTL k -> 100
PEXPIRE k 200000 -> 1
TTL k -> 200
PERSIST k -> 1
PERSIST k -> 0
TTL k -> -1
EXPIRE none 10 -> 0
EXPIRE k x -> !ERR value is not an integer or out of range
EXPIRE none x -> !ERR value is not an integer or out of range
PEXPIRE k -1 -> 1
EXISTS k -> 0

# matches patterns
MSET a:1 x a:2 x b:1 x a^ x [ x -> "OK"
SCAN 0 MATCH a:* COUNT 100 -> ["0",["a:2","a:1"]]
SCAN 0 MATCH ?:1 COUNT 100 -> ["0",["b:1","a:1"]]
SCAN 0 MATCH [^a]* COUNT 100 -> ["0",["b:1","["]]
SCAN 0 MATCH a[:^][9-2] COUNT 100 -> ["0",["a:2"]]
SCAN 0 MATCH a\^ COUNT 100 -> ["0",["a^"]]
SCAN 0 MATCH [ COUNT 100 -> ["0",[]]
SCAN 0 MATCH \[ COUNT 100 -> ["0",["["]]
SCAN 0 MATCH a[[-^ COUNT 100 -> ["0",["a^"]]
SCAN 0 MATCH *a*a*a*a*b COUNT 100 -> ["0",[]]
SCAN 0 COUNT 100 -> ["0",["a^","b:1","a:2","a:1","["]]
SCAN 0 MATCH b* COUNT 100 TYPE string -> ["0",["b:1"]]
SCAN 0 TYPE hash COUNT 100 -> ["0",[]]
SCAN x -> !ERR invalid cursor
SCAN 0 COUNT 0 -> !ERR syntax error
SCAN 0 COUNT x -> !ERR value is not an integer or out of range
SCAN 0 MATCH -> !ERR syntax error

# matches bytes, not letters
SET é x -> "OK"
SCAN 0 MATCH ? COUNT 100 -> ["0",[]]
SCAN 0 MATCH ?? COUNT 100 -> ["0",["é"]]
SCAN 0 MATCH é* COUNT 100 -> ["0",["é"]]

# sets and gets strings
GET k -> null
SET k v -> "OK"
GET k -> "v"
SET k w GET -> "v"
SET '' '' -> "OK"
GET '' -> ""
GETDEL k -> "w"
GETDEL k -> null
MGET a b -> [null,null]
MSET a 1 b 2 -> "OK"
MGET a none b -> ["1",null,"2"]

# sets under conditions
SET k v XX -> null
SET k v NX -> "OK"
SET k w NX -> null
SET k w XX -> "OK"
GET k -> "w"
SET k x NX GET -> "w"
SET n x NX GET -> null
SET k v NX NX -> null
SET k v NX XX -> !ERR syntax error
SET k v FOO -> !ERR syntax error

# sets with a time to live
SET k v EX 100 -> "OK"
SET k w KEEPTTL -> "OK"
TTL k -> 100
SET k v PX 200000 -> "OK"
TTL k -> 200
SET k v EX 1 EX 300 -> "OK"
TTL k -> 300
SET k 5 -> "OK"
TTL k -> -1
SET k v EXAT 4102444800 -> "OK"
PERSIST k -> 1
SET k v PXAT 4102444800000 -> "OK"
PERSIST k -> 1
SET k v PXAT 1 -> "OK"
EXISTS k -> 0
SET k v EX -> !ERR syntax error
SET k v EX 1 PX 1 -> !ERR syntax error
SET k v KEEPTTL EX 1 -> !ERR syntax error
SET k v EX x -> !ERR value is not an integer or out of range
SET k v EX 0 -> !ERR invalid expire time in 'set' command
SET k v EX x FOO -> !ERR syntax error

# counts
INCR n -> 1
INCRBY n 10 -> 11
DECR n -> 10
DECRBY n 20 -> -10
EXPIRE n 100 -> 1
INCR n -> -9
TTL n -> 100
INCRBY n 1.5 -> !ERR value is not an integer or out of range
SET s x -> "OK"
INCR s -> !ERR value is not an integer or out of range
SET s 007 -> "OK"
INCR s -> !ERR value is not an integer or out of range
SET s '' -> "OK"
INCR s -> !ERR value is not an integer or out of range
SET n 9007199254740990 -> "OK"
INCR n -> 9007199254740991
SET n 9007199254740993 -> "OK"
GET n -> "9007199254740993"

# keeps hashes
HSET h a 1 b 2 -> 2
HSET h a 3 c 4 -> 1
HGET h a -> "3"
HGET h z -> null
HMGET h a z -> ["3",null]
HGETALL h -> ["a","3","b","2","c","4"]
HLEN h -> 3
HEXISTS h a -> 1
HEXISTS h z -> 0
HDEL h a z -> 1
HDEL h b c d -> 2
HDEL h b -> 0
TYPE h -> "none"
HGETALL h -> []
HMGET h a -> [null]
HLEN h -> 0
HSET h a -> !ERR wrong number of arguments for 'hset' command
HSET h a 1 b -> !ERR wrong number of arguments for 'hset' command

# counts in hashes
HINCRBY h a 4 -> 4
HINCRBY h a -6 -> -2
HSET h s x -> 1
HINCRBY h s 1 -> !ERR hash value is not an integer
HINCRBY h a 1.5 -> !ERR value is not an integer or out of range

# scans hashes
HSCAN h 0 -> ["0",[]]
HSET h a 1 b 2 -> 2
HSCAN h 0 MATCH b* -> ["0",["b","2"]]
HSCAN h 0 COUNT 1 -> ["0",["a","1","b","2"]]
HSCAN h 0 TYPE string -> !ERR syntax error
HSCAN h x -> !ERR invalid cursor

# keeps sets
SADD s a b a -> 2
SADD s b c '' -> 2
SMEMBERS s -> ["","c","b","a"]
SISMEMBER s a -> 1
SISMEMBER s z -> 0
SCARD s -> 4
SREM s a z '' -> 2
SREM none a -> 0
SREM s b c -> 2
TYPE s -> "none"
SMEMBERS s -> []
SADD s -> !ERR wrong number of arguments for 'sadd' command

# scans sets
SADD s a b -> 2
SSCAN s 0 MATCH b* -> ["0",["b"]]
SSCAN none 0 -> ["0",[]]
SSCAN s 0 TYPE x -> !ERR syntax error

# refuses a string where it needs a hash or a set
SET k v -> "OK"
HSET k a 1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
HGET k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
HDEL k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
HINCRBY k a x -> !ERR value is not an integer or out of range
HINCRBY k a 1 -> !WRONGTYPE Operation against a key holding the wrong kind of value
HSCAN k 0 -> !WRONGTYPE Operation against a key holding the wrong kind of value
SADD k a -> !WRONGTYPE Operation against a key holding the wrong kind of value
SMEMBERS k -> !WRONGTYPE Operation against a key holding the wrong kind of value
SSCAN k 0 -> !WRONGTYPE Operation against a key holding the wrong kind of value

# refuses a set where it needs a string or a hash, but overwrites it
SADD s a -> 1
GET s -> !WRONGTYPE Operation against a key holding the wrong kind of value
SET s v GET -> !WRONGTYPE Operation against a key holding the wrong kind of value
INCR s -> !WRONGTYPE Operation against a key holding the wrong kind of value
GETDEL s -> !WRONGTYPE Operation against a key holding the wrong kind of value
HGET s a -> !WRONGTYPE Operation against a key holding the wrong kind of value
MGET s none -> [null,null]
SET s v -> "OK"
GET s -> "v"
`

export const cases: Case[] = texts
  .trim()
  .split(/\n\n/)
  .map((block) => {
    const [name = '', ...lines] = block.split('\n')
    return { name: name.replace('# ', ''), steps: lines.map(readStep) }
  })

function readStep(line: string): Step {
  const [words = '', reply = ''] = line.split(' -> ')
  const command = words.split(' ').map((word) => (word === "''" ? '' : word))
  return { command, reply: reply.startsWith('!') ? { error: reply.slice(1) } : { result: JSON.parse(reply) } }
}

const fieldsOf = (flat: unknown[]) => flat.flatMap((field, at) => (at % 2 === 0 ? [JSON.stringify([field, flat[at + 1]])] : []))

/** A reply without what Redis leaves open: the order of what has none. */
export function comparable([name = '']: readonly string[], reply: Reply): Reply {
  if ('error' in reply || !Array.isArray(reply.result)) return reply
  const { result } = reply
  if (name === 'SMEMBERS') return { result: result.toSorted() }
  if (name === 'HGETALL') return { result: fieldsOf(result).toSorted() }
  return name.endsWith('SCAN') ? { result: [result[0], (result[1] as string[]).toSorted()] } : reply
}
