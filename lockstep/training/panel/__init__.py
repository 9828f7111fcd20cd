"""One model of many series: their prices, the common cut, the pooled learning rows, the bundle."""
