import { WorkerEntrypoint } from 'cloudflare:workers'
import type { DataSettings } from '../../shared/contracts/data'
import { settingsOf } from './settings'

/** What the other Workers ask before they call the Durable Objects of this one. */
export class DataRpc extends WorkerEntrypoint<DataEnv> implements DataSettings {
  async settings() {
    return settingsOf(this.env)
  }
}
