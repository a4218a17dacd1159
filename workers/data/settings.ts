import type { StoreSettings } from '../../shared/contracts/data'

/** Where documents are stored, by the environment. */
export function settingsOf({
  MONGODB_URI,
  MONGODB_POOLS,
  MONGODB_LOCATION,
}: Pick<DataEnv, 'MONGODB_URI' | 'MONGODB_POOLS' | 'MONGODB_LOCATION'>): StoreSettings {
  if (!MONGODB_URI) return { engine: 'embedded' }
  return { engine: 'mongodb', pools: Math.max(1, Math.trunc(Number(MONGODB_POOLS)) || 1), location: MONGODB_LOCATION }
}
