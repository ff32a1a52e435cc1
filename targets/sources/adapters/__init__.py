"""One small class for each kind of source, behind `targets.sources.contract.Adapter`."""
