"""挂接率, 有效挂接率, 及时更新率 of each department, and exactly which entries drag them down."""
