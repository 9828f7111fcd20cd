"""From fitted scikit-learn objects to exact forms. Training and `lockstep verify` import this; a service does not."""
