import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { type AccessTokens, accessTokens } from './access-token'
import { type OpaqueTokens, opaqueTokens } from './opaque-token'
import { type Passwords, passwords, type ScryptCost, scryptCost } from './password'
import { type SessionRepo, sessionRepo, type UserRepo, userRepo, type WindowRepo, windowRepo } from './repo'
import { type Limits, limitsFor } from './throttle'

export type Deps = BaseDeps<'auth'> & {
  users: UserRepo
  sessions: SessionRepo
  windows: WindowRepo
  limits: Limits
  passwords: Passwords
  accessTokens: AccessTokens
  opaqueTokens: OpaqueTokens
}

/** For tests besides the shared ones: other limits, cheaper passwords. */
export type AuthOverrides = DepsOverrides & { limits?: Partial<Limits>; cost?: ScryptCost }

export function depsFrom(env: AuthEnv, traceparent?: string, overrides: AuthOverrides = {}): Deps {
  const base = baseDeps('auth', env, traceparent, overrides)
  return {
    ...base,
    users: userRepo(base.documents),
    sessions: sessionRepo(base.documents),
    windows: windowRepo(base.documents),
    limits: { ...limitsFor(env.ENVIRONMENT), ...overrides.limits },
    passwords: passwords(overrides.cost ?? scryptCost),
    accessTokens: accessTokens(env.AUTH_SIGNING_KEYS),
    opaqueTokens: opaqueTokens(env.REFRESH_SECRET),
  }
}
