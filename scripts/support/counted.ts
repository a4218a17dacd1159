import { resolve } from 'node:path'
import { vi } from 'vitest'
import { localValues } from '../secrets.ts'
import { freePort } from './ports.ts'
import { localBindings, startRuntime } from './runtime.ts'

/** What one request made of the Workers behind the gateway: calls by service binding or RPC, nested ones too, and of Durable Objects. */
export type Invocations = { workers: number; objects: number }

/** Starts every Worker with a counter beside it; nothing that they store outlives it. */
export async function startCounted() {
  const [port, counter] = [await freePort(), await freePort()]
  const options = { port, counter, bindings: localBindings(localValues()) }
  const runtime = startRuntime(options, resolve(`.wrangler/counted-${port}.log`))
  await runtime.ready

  /** What the request under a mark has made so far, once nothing is added any more. */
  async function invocationsOf(mark: string): Promise<Invocations> {
    let before = ''
    return vi.waitFor(
      async () => {
        const text = await (await fetch(`http://127.0.0.1:${counter}/?mark=${mark}`)).text()
        const settled = text === before
        before = text
        const { id, workers, objects } = JSON.parse(text) as Invocations & { id: string | null }
        if (!settled || id === null) throw new Error(`The request ${mark} is still at work: ${text}`)
        return { workers, objects }
      },
      { timeout: 10_000, interval: 100 },
    )
  }
  return { url: new URL(runtime.url), invocationsOf, close: () => runtime.stop() }
}
