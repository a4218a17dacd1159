import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localValues } from '../secrets.ts'
import { api } from '../support/api.ts'
import { root } from '../support/configs.ts'
import { freePort } from '../support/ports.ts'
import { type FaultOptions, localBindings, startRuntime } from '../support/runtime.ts'
import type { DataApi } from './books.ts'
import type { Acked } from './invariants.ts'

/** A marketplace of its own in which things go wrong, and what records how it goes. */
export type SoakHarness = {
  url: string
  /** Where its documents are read. */
  dataApi: DataApi
  /** What its inboxes took, and the faults that were made, by kind. */
  record: () => Promise<{ acked: Acked; faults: Record<string, number> }>
  /** Lets calls fail, or lets all go well, from now on. */
  setFaults: (active: boolean) => Promise<void>
  /** What cron would do. */
  sweep: () => Promise<void>
  /** The end of its log. */
  log: () => string
  stop: () => Promise<void>
}

/** Starts every Worker with an empty store, in memory where the machine has a file system for that. */
export async function startHarness(faults: Omit<FaultOptions, 'recorder'>): Promise<SoakHarness> {
  const [port, documents, recorder] = [await freePort(), await freePort(), await freePort()]
  const key = randomBytes(16).toString('hex')
  const state = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'credenza-soak-'))
  const bindings = localBindings({ ...localValues(), DATA_API_KEY: key })
  const options = { port, bindings, state, ports: { data: documents }, faults: { ...faults, recorder } }
  const running = startRuntime(options, join(root, '.wrangler/soak.log'))
  const stop = async () => {
    await running.stop()
    rmSync(state, { recursive: true, force: true })
  }
  try {
    await running.ready
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: running.url,
    dataApi: { url: `http://127.0.0.1:${documents}`, key },
    record: async () => (await api(`http://127.0.0.1:${recorder}`, 'GET', '/')).json,
    setFaults: async (active) => {
      const answer = await fetch(`http://127.0.0.1:${recorder}`, { method: 'PUT', body: active ? 'active' : '' })
      await answer.text()
    },
    sweep: async () => {
      await api(running.url, 'POST', '/v1/dev/sweep')
    },
    log: () => running.lastLines(40),
    stop,
  }
}
