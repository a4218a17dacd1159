import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './configs.ts'
import { answers, freePort } from './ports.ts'

const version = 'v1.24.2'
const folder = join(root, '.wrangler/ferretdb', version)
const binary = join(folder, 'ferretdb')

/** `go install` of FerretDB's own command fails on a module list of its build tools; its embeddable package builds. */
const mainGo = `package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listener := ferretdb.ListenerConfig{TCP: os.Args[1]}
	server, err := ferretdb.New(&ferretdb.Config{Listener: listener, Handler: "sqlite", SQLiteURL: os.Args[2]})
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err = server.Run(ctx); err != nil {
		panic(err)
	}
}
`

/**
 * The path of a FerretDB with its SQLite back end: FERRETDB_BINARY, or one that is built once, in two minutes, by the Go on
 * this machine from the module proxy. Returns the reason when there is none.
 */
export function buildFerret(): { path: string } | { reason: string } {
  const given = process.env.FERRETDB_BINARY
  if (given) return existsSync(given) ? { path: given } : { reason: `FERRETDB_BINARY names ${given}, which is not there` }
  if (existsSync(binary)) return { path: binary }
  if (spawnSync('go', ['version']).status !== 0) return { reason: 'there is no Go on this machine to build FerretDB with' }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'main.go'), mainGo)
  writeFileSync(join(folder, 'go.mod'), 'module ferretdb\n\ngo 1.24\n')
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }
  for (const args of [
    ['get', `github.com/FerretDB/FerretDB@${version}`],
    ['build', '-o', binary, '.'],
  ]) {
    const { status, stderr } = spawnSync('go', args, { cwd: folder, env, encoding: 'utf8' })
    if (status !== 0) return { reason: `go ${args.join(' ')} failed: ${stderr.trim().split('\n').at(-1)}` }
  }
  return { path: binary }
}

export type Ferret = {
  /** With one connection in all: its updates are no transactions. */
  uri: string
  /** Ends it as a crash would, or gently. What it stored stays. */
  kill: (signal?: NodeJS.Signals) => Promise<void>
  /** Starts it again where it was, with what it stored. */
  restart: () => Promise<void>
  /** Ends it and deletes what it stored. */
  remove: () => Promise<void>
}

/** Starts a FerretDB of its own on a free port of 127.0.0.1. */
export async function startFerret(path: string): Promise<Ferret> {
  const parent = join(root, '.wrangler/ferretdb')
  mkdirSync(parent, { recursive: true })
  const state = mkdtempSync(join(parent, 'state-'))
  const port = await freePort()
  let child: ChildProcess
  let ended: Promise<void>

  async function start(): Promise<void> {
    // A crash of the process loses nothing without a sync to disk; only one of the machine does.
    const url = `file:${state}/?mode=rwc&_pragma=synchronous(off)`
    child = spawn(path, [`127.0.0.1:${port}`, url], { stdio: 'ignore' })
    ended = new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const deadline = performance.now() + 10_000
    while (!(await answers(port))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error('FerretDB does not start')
      await sleep(50)
    }
  }

  async function kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    child.kill(signal)
    await ended
  }

  await start()
  const orphaned = () => child.kill('SIGKILL')
  process.once('exit', orphaned)
  return {
    uri: `mongodb://127.0.0.1:${port}/?maxPoolSize=1`,
    kill,
    restart: start,
    remove: async () => {
      await kill('SIGKILL')
      process.off('exit', orphaned)
      rmSync(state, { recursive: true, force: true })
    },
  }
}
