/**
 * Whether a caller gave the key of the doors that this Worker has to the outside. Digests are compared, in constant time, so that
 * the time it takes tells nothing about the key, not even its length. Without a DATA_API_KEY there is no key that fits.
 */
export async function isKey(given: string | null, { DATA_API_KEY }: Pick<DataEnv, 'DATA_API_KEY'>): Promise<boolean> {
  if (given === null || !DATA_API_KEY) return false
  const [theirs, ours] = await Promise.all([digest(given), digest(DATA_API_KEY)])
  return crypto.subtle.timingSafeEqual(theirs, ours)
}

const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
