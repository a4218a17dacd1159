import { handle } from './pipeline'

export default { fetch: handle } satisfies ExportedHandler<GatewayEnv>
