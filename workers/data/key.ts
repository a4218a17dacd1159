/**
 * Whether a caller gave the key of this Worker's public endpoints. It compares digests in constant time, so that the time reveals
 * nothing about the key, not even its length. Without a DATA_API_KEY no key is right.
 */
export async function isKey(given: string | null, { DATA_API_KEY }: Pick<DataEnv, 'DATA_API_KEY'>): Promise<boolean> {
  if (given === null || !DATA_API_KEY) return false
  const [theirs, ours] = await Promise.all([digest(given), digest(DATA_API_KEY)])
  return crypto.subtle.timingSafeEqual(theirs, ours)
}

const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
