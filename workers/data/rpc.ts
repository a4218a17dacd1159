import { WorkerEntrypoint } from 'cloudflare:workers'
import type { DataSettings } from '../../shared/contracts/data'
import { settingsOf } from './settings'

/** The RPC that other Workers call once, before they call the Durable Objects of this Worker. */
export class DataRpc extends WorkerEntrypoint<DataEnv> implements DataSettings {
  async settings() {
    return settingsOf(this.env)
  }
}
