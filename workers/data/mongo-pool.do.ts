import { DurableObject } from 'cloudflare:workers'
import type { Engine } from '../../shared/storage/engine'
import { mongoPool } from './mongo/pool'

/**
 * One of the clients of MongoDB. It is a Durable Object because a client outlives the request that made it, and the sockets of a plain
 * Worker do not. It stores nothing.
 */
export class MongoPoolDO extends DurableObject<DataEnv> implements Engine {
  readonly #pool = mongoPool(this.env.MONGODB_URI)

  run(...call: Parameters<Engine['run']>): ReturnType<Engine['run']> {
    return this.#pool.run(...call)
  }

  batch(...call: Parameters<Engine['batch']>): ReturnType<Engine['batch']> {
    return this.#pool.batch(...call)
  }
}
