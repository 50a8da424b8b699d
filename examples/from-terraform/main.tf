variable "instance_type" {
  type        = string
  default     = "ecs.g7.large"
  description = "The type of the web servers."
}

resource "alicloud_vpc" "main" {
  vpc_name   = "shop"
  cidr_block = "10.0.0.0/16"

  lifecycle {
    prevent_destroy = true
  }
}

resource "alicloud_vswitch" "app" {
  vpc_id       = alicloud_vpc.main.id
  zone_id      = "cn-hangzhou-h"
  cidr_block   = "10.0.1.0/24"
  vswitch_name = "shop-app"
}

resource "alicloud_security_group" "web" {
  vpc_id              = alicloud_vpc.main.id
  security_group_name = "shop-web"
}

resource "alicloud_security_group_rule" "https" {
  security_group_id = alicloud_security_group.web.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  cidr_ip           = "0.0.0.0/0"
}

resource "alicloud_instance" "web" {
  count                = 2
  instance_name        = "web-${count.index + 1}"
  instance_type        = var.instance_type
  image_id             = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
  vswitch_id           = alicloud_vswitch.app.id
  security_groups      = [alicloud_security_group.web.id]
  system_disk_category = "cloud_essd"
  system_disk_size     = 40
  password             = var.password
  tags                 = { app = "shop" }

  lifecycle {
    ignore_changes = [image_id]
  }
}

resource "alicloud_ecs_disk" "data" {
  for_each  = { logs = 60, media = 200 }
  zone_id   = "cn-hangzhou-h"
  disk_name = each.key
  category  = "cloud_essd"
  size      = each.value
}

resource "alicloud_ecs_disk_attachment" "data" {
  for_each    = alicloud_ecs_disk.data
  disk_id     = each.value.id
  instance_id = alicloud_instance.web[0].id
}

resource "alicloud_eip_address" "front" {
  address_name         = "shop-front"
  bandwidth            = "5"
  internet_charge_type = "PayByTraffic"
}

resource "alicloud_eip_association" "front" {
  allocation_id = alicloud_eip_address.front.id
  instance_id   = alicloud_instance.web[0].id
}

resource "alicloud_nat_gateway" "out" {
  vpc_id           = alicloud_vpc.main.id
  vswitch_id       = alicloud_vswitch.app.id
  nat_gateway_name = "shop-out"
  payment_type     = "PayAsYouGo"
  nat_type         = "Enhanced"
}

resource "alicloud_vpn_gateway" "office" {
  vpn_gateway_name = "shop-office"
  vpc_id           = alicloud_vpc.main.id
  vswitch_id       = alicloud_vswitch.app.id
  bandwidth        = 10
}

output "address" {
  value = alicloud_eip_address.front.ip_address
}

variable "password" {
  type      = string
  sensitive = true
}
