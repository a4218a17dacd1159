import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './configs.ts'
import { answers, freePort } from './ports.ts'
import { toolEnvironment } from './run.ts'

export type BridgedRedis = { url: string; token: string; stop: () => Promise<void> }

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** Starts a Redis that stores nothing on disk, and the bridge in front of it, on free ports of 127.0.0.1. */
export async function startBridgedRedis(): Promise<BridgedRedis> {
  const token = randomBytes(24).toString('base64url')
  const port = await freePort()
  const started: ChildProcess[] = []
  const start = async (command: string, args: string[], at: number, env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(command, args, { cwd: root, stdio: 'ignore', env: { ...toolEnvironment(), ...env } })
    started.push(child)
    child.once('error', () => undefined)
    const deadline = performance.now() + 10_000
    while (!(await answers(at))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${command} does not start`)
      await sleep(50)
    }
  }
  const kill = () => {
    for (const child of started) child.kill('SIGKILL')
  }
  process.once('exit', kill)
  await start('redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'], port)
  const bridge = await freePort()
  await start(join(root, 'node_modules/.bin/bun'), ['scripts/redis-bridge.ts'], bridge, {
    REDIS_URL: `redis://127.0.0.1:${port}`,
    PORT: String(bridge),
    UPSTASH_REDIS_REST_TOKEN: token,
  })
  return {
    url: `http://127.0.0.1:${bridge}`,
    token,
    stop: async () => {
      const ends = started.map((child) => new Promise((resolve) => child.once('exit', resolve)))
      kill()
      await Promise.all(ends)
      process.off('exit', kill)
    },
  }
}
