import { handle } from './gate'

export default { fetch: handle } satisfies ExportedHandler<GatewayEnv>
