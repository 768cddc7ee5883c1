# Half of the tasks may run on spare capacity, at 30 % of the price; AWS stops them with two minutes' notice.
spot_share = 50
