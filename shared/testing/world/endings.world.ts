import { surviveCrashes } from './crash-points'
import { endings } from './flows'

surviveCrashes('crashes in endings', endings)
