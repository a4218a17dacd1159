/** Random Redis commands that mean something often enough: few keys of all types, and values that are now and then nonsense. */

export type Random = () => number

/** What each letter of a form stands for. Scores are sums of quarters, which every way of writing a number writes alike. */
const words: Record<string, readonly string[]> = {
  K: ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'none'],
  V: ['', 'a', 'b', 'word', 'é😀', '10', '-3', '2.5', '007', '9223372036854775807', ' 1'],
  // Keys of one use only, where Redis itself leaves the reply open or calculates otherwise; see redis-differential.test.ts.
  F: ['float1', 'float2'],
  R: ['range1', 'range2'],
  Z: ['lex1', 'lex2'],
  M: ['a', 'b', 'c', 'd', 'é', '😀', '\uffee', '1', ''],
  I: ['0', '1', '2', '3', '-1', '-2', '10', '100', 'x', '1.5'],
  S: ['0', '1', '1.5', '-2.25', '3', '10', 'inf', '-inf', 'nan', 'x'],
  B: ['-inf', '+inf', '0', '1', '(1', '(1.5', '3', '10', '(x', ''],
  L: ['-', '+', '[a', '(a', '[c', '(é', '[😀', 'b', ''],
  N: ['1', '2', '3', '0', '9', 'x'],
  T: ['1000', '100000', '0', '-1', 'x', '99999999999999999'],
  A: ['4102444800', '4102448400', '1', 'x'],
  G: ['*', 'k*', 'k[1-3]', '?1', 'k\\1', '[^k]*'],
}

/** Forms of commands: letters above, `a/b/c` for one of several, and words in brackets that are left out half of the time. */
const forms = `
SET K V|SET K V [NX/XX] [GET]|SET K V [EX T] [KEEPTTL]|SET K V EXAT 4102444800/x|GET K|GET K|GETSET K V|GETDEL K|GETEX K [PERSIST/NX]
GETEX K EX T|SETNX K V|SETEX K T V|PSETEX K T V|MGET K K K|MSET K V K V|MSETNX K V K V|APPEND K V|STRLEN K|GETRANGE K I I
SUBSTR K I I|SETRANGE R I word|SET R word|APPEND R ab|GETRANGE R I I|INCR K|DECR K|INCRBY K I|DECRBY K I|INCRBY K V|INCRBYFLOAT F S|SET F S|DEL K K|UNLINK K|EXISTS K K|TOUCH K K
TYPE K|RENAME K K|RENAMENX K K|COPY K K [REPLACE]|EXPIRE K T [NX/XX] [NX/XX/x]|PEXPIREAT K A000|EXPIREAT K A [NX/XX/GT/LT] [GT/LT]
EXPIRETIME K|PEXPIRETIME K|PERSIST K|KEYS G|DBSIZE|PING|PING V|ECHO V|FLUSHDB [ASYNC/SYNC/x]
HSET K M V M V|HSET K M V|HSETNX K M V|HMSET K M V|HGET K M|HMGET K M M|HGETALL K|HKEYS K|HVALS K|HLEN K|HSTRLEN K M|HEXISTS K M
HDEL K M M|HINCRBY K M I|HINCRBY K M V|HINCRBYFLOAT F M S|HSET F M S|HRANDFIELD K 0
SADD K M M|SADD K M M M|SREM K M M|SMEMBERS K|SISMEMBER K M|SMISMEMBER K M M|SCARD K|SMOVE K K M|SINTER K K|SUNION K K K|SDIFF K K
SINTERSTORE K K K|SUNIONSTORE K K K|SDIFFSTORE K K K|SINTERCARD N K K [LIMIT I]|SPOP K 100|SRANDMEMBER K 100|SPOP K x/-1
ZADD K S M S M|ZADD K [NX/XX] [GT/LT] [CH] [INCR] S M|ZADD K S M S M S M|ZINCRBY K S M|ZREM K M M|ZCARD K|ZSCORE K M|ZMSCORE K M M
ZRANK K M|ZREVRANK K M|ZCOUNT K B B|ZLEXCOUNT Z L L|ZADD Z 0 M 0 M 0 M|ZADD Z 0 M 0 M|ZRANGE K I I [REV] [WITHSCORES]|ZRANGE K B B BYSCORE [REV] [LIMIT I I] [WITHSCORES]
ZRANGE Z L L BYLEX [REV] [LIMIT I I] [WITHSCORES]|ZRANGE K I I LIMIT I I|ZREVRANGE K I I [WITHSCORES]|ZRANGEBYSCORE K B B [WITHSCORES] [LIMIT I I]
ZREVRANGEBYSCORE K B B [LIMIT I I]|ZRANGEBYLEX Z L L [LIMIT I I]|ZREVRANGEBYLEX Z L L|ZRANGESTORE K K I I [REV]|ZRANGESTORE K K B B BYSCORE
ZREMRANGEBYSCORE K B B|ZREMRANGEBYLEX Z L L|ZREMRANGEBYRANK K I I|ZPOPMIN K [I]|ZPOPMAX K [I]|ZRANDMEMBER K 0
ZUNION N K K [WEIGHTS S S] [AGGREGATE MIN/MAX/SUM/x] [WITHSCORES]|ZINTER N K K [WEIGHTS S S] [WITHSCORES]|ZDIFF N K K [WITHSCORES]
ZUNIONSTORE K N K K [WEIGHTS S S]|ZINTERSTORE K N K K [AGGREGATE MIN/MAX]|ZDIFFSTORE K N K K|ZINTERCARD N K K [LIMIT I]
LPUSH K V V|RPUSH K V V V|RPUSH K M M|LPUSHX K V|RPUSHX K V|LPOP K [I]|RPOP K [I]|LRANGE K I I|LLEN K|LINDEX K I|LSET K I V
LINSERT K BEFORE/AFTER/x M V|LREM K I M|LTRIM K I I|LPOS K M [RANK I] [COUNT I] [MAXLEN I]|LMOVE K K LEFT/RIGHT/x LEFT/RIGHT|RPOPLPUSH K K
NOPE K V|SET K V`
  .trim()
  .split(/[|\n]/)

/** How often a command gets a word too many, and how often one too few. */
const SPOILT = 0.02

export function randomCommand(random: Random): string[] {
  const form = pick(forms, random)
  const command = [...form.matchAll(/\[([^\]]*)\]|\S+/g)].flatMap(([token, optional]) => {
    if (optional === undefined) return [wordOf(token, random)]
    return random() < 0.5 ? [] : optional.split(' ').map((word) => wordOf(word, random))
  })
  if (/RAND|SPOP/.test(form)) return command
  const chance = random()
  if (chance < SPOILT) return [...command, 'extra']
  return chance < 2 * SPOILT && command.length > 1 ? command.slice(0, -1) : command
}

function wordOf(token: string, random: Random): string {
  const options = words[token]
  if (options !== undefined) return pick(options, random)
  if (token === 'A000') return `${pick(words.A ?? [], random)}000`
  return pick(token.split('/'), random)
}

function pick(options: readonly string[], random: Random): string {
  return options[Math.floor(random() * options.length)] ?? ''
}
