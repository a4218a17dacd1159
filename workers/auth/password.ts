import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** N = 2^log2n blocks, r their size, p passes. Source: OWASP Password Storage Cheat Sheet, scrypt. */
export type ScryptCost = { log2n: number; r: number; p: number }

/** 32 MiB and about 0.3 s of one core for each password. */
export const scryptCost: ScryptCost = { log2n: 15, r: 8, p: 3 }

/** The cost of the setting SCRYPT_LOG2N. Only a local run, such as a test that makes many accounts, may go below the minimum. */
export function costFrom({ SCRYPT_LOG2N, ENVIRONMENT }: { SCRYPT_LOG2N: string; ENVIRONMENT: string }): ScryptCost {
  const log2n = Number(SCRYPT_LOG2N)
  return { ...scryptCost, log2n: ENVIRONMENT === 'local' ? log2n : Math.max(log2n, scryptCost.log2n) }
}

const keyLength = 32
const phc = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/

export type Passwords = {
  hash(password: string): Promise<string>
  /**
   * Whether the password matches the hash. Without a hash, because the account does not exist, it takes as long and returns false.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

export function passwords(cost: ScryptCost): Passwords {
  return {
    hash: async (password) => {
      const salt = randomBytes(16)
      return format(cost, salt, await derive(password, salt, cost))
    },
    matches: async (password, hash) => {
      const { cost: used, salt, key } = parse(hash ?? format(cost, Buffer.alloc(16), Buffer.alloc(keyLength)))
      const same = timingSafeEqual(key, await derive(password, salt, used))
      return same && hash !== undefined
    },
  }
}

/** Unicode normalization makes passwords equal that keyboards compose differently. */
function derive(password: string, salt: Uint8Array, { log2n, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** log2n
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyLength, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

/** Source: https://github.com/P-H-C/phc-string-format */
const format = ({ log2n, r, p }: ScryptCost, salt: Buffer, key: Buffer): string =>
  `$scrypt$ln=${log2n},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

function parse(hash: string): { cost: ScryptCost; salt: Buffer; key: Buffer } {
  const [, log2n, r, p, salt = '', key = ''] = hash.match(phc) ?? []
  if (key === '') throw new TypeError('A stored password hash is not a PHC string')
  return {
    cost: { log2n: Number(log2n), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
}
