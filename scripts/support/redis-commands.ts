/**
 * What no client may send through connections that all share: commands that change the connection, take it over or block it, and
 * those that end the server.
 */
const withheld = new Set(
  [
    ['AUTH', 'HELLO', 'RESET', 'QUIT', 'SELECT', 'CLIENT', 'READONLY', 'READWRITE', 'ASKING'],
    ['MULTI', 'EXEC', 'DISCARD', 'WATCH', 'UNWATCH'],
    [
      'SUBSCRIBE',
      'PSUBSCRIBE',
      'SSUBSCRIBE',
      'UNSUBSCRIBE',
      'PUNSUBSCRIBE',
      'SUNSUBSCRIBE',
      'MONITOR',
      'SYNC',
      'PSYNC',
      'REPLCONF',
    ],
    [
      'BLPOP',
      'BRPOP',
      'BRPOPLPUSH',
      'BLMOVE',
      'BLMPOP',
      'BZPOPMIN',
      'BZPOPMAX',
      'BZMPOP',
      'WAIT',
      'WAITAOF',
      'XREAD',
      'XREADGROUP',
    ],
    ['SHUTDOWN', 'DEBUG', 'FAILOVER', 'REPLICAOF', 'SLAVEOF', 'CONFIG', 'MODULE', 'ACL', 'SAVE', 'BGSAVE', 'BGREWRITEAOF'],
  ].flat(),
)

/** Why a command is not passed on; undefined when it is. */
export function refusalOf(name: string): string | undefined {
  return withheld.has(name.toUpperCase()) ? `ERR Command is not available: '${name}'` : undefined
}
