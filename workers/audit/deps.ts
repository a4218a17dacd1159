import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'

export type Deps = BaseDeps<'audit'>

export const depsFrom = (env: AuditEnv, traceparent?: string, overrides?: DepsOverrides): Deps =>
  baseDeps('audit', env, traceparent, overrides)
