import { perEnvironment } from '../../shared/runtime/per-environment'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type AccessTokens, accessTokens } from './access-token'
import { type OpaqueTokens, opaqueTokens } from './opaque-token'
import { costFrom, type Passwords, passwords, type ScryptCost } from './password'
import {
  type PendingEventRepo,
  pendingEventRepo,
  type SessionRepo,
  sessionRepo,
  type UserRepo,
  userRepo,
  type WindowRepo,
  windowRepo,
} from './repo'
import { type Limits, limitsFor } from './throttle'

export type Deps = BaseDeps<'auth'> & {
  users: UserRepo
  sessions: SessionRepo
  windows: WindowRepo
  pendingEvents: PendingEventRepo
  limits: Limits
  passwords: Passwords
  accessTokens: AccessTokens
  opaqueTokens: OpaqueTokens
}

/** For tests: the shared overrides, other limits, and a cheaper password hash. */
export type AuthOverrides = DepsOverrides & { limits?: Partial<Limits>; cost?: ScryptCost }

const partsOf = perEnvironment((env: AuthEnv) => {
  const documents = documentsOf('auth', env)
  return {
    users: userRepo(documents),
    sessions: sessionRepo(documents),
    windows: windowRepo(documents),
    pendingEvents: pendingEventRepo(documents),
    limits: limitsFor(env.ENVIRONMENT),
    passwords: passwords(costFrom(env)),
    accessTokens: accessTokens(env.AUTH_SIGNING_KEYS),
    opaqueTokens: opaqueTokens(env.REFRESH_SECRET),
  }
})

export function depsFrom(env: AuthEnv, traceparent?: string, overrides: AuthOverrides = {}): Deps {
  const parts = partsOf(env)
  return {
    ...baseDeps('auth', env, traceparent, overrides),
    ...parts,
    limits: { ...parts.limits, ...overrides.limits },
    ...(overrides.cost ? { passwords: passwords(overrides.cost) } : {}),
  }
}
